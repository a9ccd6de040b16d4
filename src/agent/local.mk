# src/agent: SQL Server Agent (msdb procedures, schedules, job runner). Arrives with jobs.
