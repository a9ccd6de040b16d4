EXEC [SSISDB].[catalog].[disable_worker_agent] @WorkerAgentId=@id--
EXEC [SSISDB].[catalog].[enable_worker_agent] @WorkerAgentId=@id--
