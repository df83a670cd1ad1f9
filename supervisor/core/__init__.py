"""What does the supervisor decide? Tables, engine, cursors and lives, issues, verdict: no I/O, threads or clock."""
