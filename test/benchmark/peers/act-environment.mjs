// Act reads these when it is imported. Its in-memory store waits 100 ms in each call by default, to be like a server; 0 is what
// it takes in tests. Its log would print every command.
process.env.SLEEP_MS ??= '0'
process.env.LOG_LEVEL ??= 'error'
