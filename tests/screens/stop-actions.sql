EXEC [SSISDB].[catalog].[stop_operation] @operation_id=@id--
EXEC [SSISDB].[catalog].[stop_operation] @operation_id=@id--
EXEC [SSISDB].[catalog].[stop_operation] @operation_id=@id--
