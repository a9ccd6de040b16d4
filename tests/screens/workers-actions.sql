EXEC [SSISDB].[catalog].[disable_worker_agent] @WorkerAgentId=@id--
EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId=@id--
DECLARE @left int
EXEC [SSISDB].[scaleout].[drain_worker] @WorkerAgentId=@id, @timeout_ms=0, @running=@left OUTPUT
SELECT @left AS running--
EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId=@id--
