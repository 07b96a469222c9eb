using RawWs.Fuzz;

return FuzzCommand.Run(args);
