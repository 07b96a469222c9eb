using System.CommandLine;
using RawWs.Load;

var command = new RootCommand("Loads a WebSocket server.")
{
    EchoCommand.Create(),
    LatencyCommand.Create(),
    FanoutCommand.Create(),
    IdleCommand.Create(),
    CompareCommand.Create(),
    DeflateCommand.Create(),
    TlsCommand.Create(),
    SoakCommand.Create(),
    ChurnCommand.Create(),
    BurstCommand.Create(),
    DrainCommand.Create(),
    StartupCommand.Create(),
    ClusterCommand.Create(),
};

foreach (var more in (IEnumerable<Command>)[.. ScaleCommands.Create(), .. SocketIOCommand.Create()])
    command.Subcommands.Add(more);

try
{
    // Without a deadline of its own: a server that was started here is ended before this program is.
    return await command.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = Timeout.InfiniteTimeSpan, EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("stopped before its end");
    return 130;
}
catch (Exception error) when (Complaint.Of(error) is { } complaint)
{
    // It is about the server, or about what was asked for, and no fault of this program that a stack trace would explain.
    await Console.Error.WriteLineAsync(complaint);
    return 1;
}
