using RawWs.Conformance;

return await ConformanceCommand.RunAsync(args);
