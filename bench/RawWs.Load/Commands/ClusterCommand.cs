using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of a comparison of clusters.</summary>
internal static class ClusterCommand
{
    private const string Cells = "fanout 4,64,64; fanout 4,64,@200; fanout 1000,64,8";
    private static readonly string[] Names = ["node-socketio", "rawws-socketio", "rawws-pubsub", "rawws-streams"];

    public static Command Create()
    {
        var comparison = new ComparisonOptions(Cells, Names);
        var nodes = OptionValues.Count("--nodes", 4, "How many nodes each cluster has, a process each.");
        var command = new Command("cluster", "Broadcasts over several nodes that share a redis-server: messages, recipients, CPU time, and what the way through Redis adds to the latency.") { nodes };
        comparison.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var contestants = await ContestantsAsync(comparison.ServersOf(result), cancellationToken);
            return await comparison.RunAsync(
                result, core => [.. contestants.Select(contestant => new ClusterServers(contestant, result.GetValue(nodes), core))], ClusterReport.TableOf, cancellationToken);
        });
        return command;
    }

    private static async Task<IReadOnlyList<ClusterContestant>> ContestantsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (ExecutablePath.Find("redis-server") is null)
        {
            Console.WriteLine("There is no redis-server on this machine: nobody takes part.");
            return [];
        }

        var contestants = new List<ClusterContestant>();
        foreach (var name in names)
        {
            try
            {
                contestants.Add(name switch
                {
                    "node-socketio" => ClusterContestant.SocketIO(name, (await new PeerServers().NodeSocketIOAsync(cancellationToken)).Echo),
                    "rawws-socketio" => ClusterContestant.SocketIO(name, SocketIOBenchServer.StartOf("eventloop")),
                    "rawws-streams" => ClusterContestant.Rawws(name, "streams"),
                    _ => ClusterContestant.Rawws(name, "pubsub"),
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
