using System.CommandLine;
using System.Net.Sockets;
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
catch (Exception error) when (error is InvalidOperationException or ArgumentException or IOException or SocketException)
{
    // No server, no such process, or a server that does not do what a command needs.
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
