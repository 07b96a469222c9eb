using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of a comparison of Socket.IO servers, and that of the one of the library.</summary>
internal static class SocketIOCommand
{
    private static readonly string[] Names = ["node-socketio", "rawws", "rawws-eventloop"];

    public static IEnumerable<Command> Create() => [Compare(), Serve()];

    private static Command Compare()
    {
        var comparison = new ComparisonOptions(Cell.SocketIO, Names);
        var command = new Command("socketio", "The same as compare for servers of Socket.IO: events with an ack, broadcasts over WebSockets and polling, connecting, and idle sessions.");
        comparison.AddTo(command);
        command.SetAction(async (result, cancellationToken)
            => await comparison.RunAsync(result, await ContestantsAsync(comparison.ServersOf(result), cancellationToken), cancellationToken));
        return command;
    }

    private static Command Serve()
    {
        var port = OptionValues.Count("--port", 3000, "Where to listen.");
        var transport = new Option<string>("--transport") { DefaultValueFactory = _ => "sockets" };
        var redis = new Option<string?>("--redis");
        var command = new Command("serve-socketio", "The library's server of socketio and cluster.") { port, transport, redis };
        command.Hidden = true;
        command.SetAction((result, cancellationToken) => SocketIOBenchServer.RunAsync(result.GetValue(port), result.GetValue(transport) == "eventloop", result.GetValue(redis), cancellationToken));
        return command;
    }

    private static async Task<IReadOnlyList<Contestant>> ContestantsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var contestants = new List<Contestant>();
        foreach (var name in names)
        {
            try
            {
                contestants.Add(name switch
                {
                    "node-socketio" => await new PeerServers().NodeSocketIOAsync(cancellationToken),
                    "rawws-eventloop" => Contestant.SocketIO(name, SocketIOBenchServer.StartOf("eventloop")),
                    _ => Contestant.SocketIO(name, SocketIOBenchServer.StartOf("sockets")),
                });
            }
            catch (InvalidOperationException missing)
            {
                Console.WriteLine($"{name} does not take part: {missing.Message}");
            }
        }

        return contestants;
    }
}
