EXEC [SSISDB].[scaleout].[set_execution] @execution_id=@k0, @property_name=@name, @property_value=@v
--
EXEC [SSISDB].[scaleout].[set_execution] @execution_id=@k0, @property_name=@name, @property_value=@v0
--
EXEC [SSISDB].[scaleout].[pause_queue] @reason=@reason--
EXEC [SSISDB].[scaleout].[resume_queue]--
