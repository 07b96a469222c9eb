using System.CommandLine;
using RawWs.Load;

return await new RootCommand("Loads a WebSocket server.")
{
    DeflateCommand.Create(),
    SoakCommand.Create(),
    ChurnCommand.Create(),
    BurstCommand.Create(),
    DrainCommand.Create(),
}.Parse(args).InvokeAsync();
