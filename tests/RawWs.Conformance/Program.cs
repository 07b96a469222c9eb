using RawWs.Conformance;

return await ConformanceCommand.Create().Parse(args).InvokeAsync();
