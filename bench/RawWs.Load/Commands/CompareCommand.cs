using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="Comparison"/>.</summary>
internal static class CompareCommand
{
    private static readonly string[] Names = ["rawws", "rawws-eventloop", "kestrel", "node-ws"];

    public static Command Create()
    {
        var comparison = new ComparisonOptions(Cell.Standard, Names);
        var baseline = new BaselineOptions();
        var command = new Command("compare", "Starts several servers, and loads them in turn, A B A B: the ratio of what they do with a second of CPU time.");
        comparison.AddTo(command);
        baseline.AddTo(command);
        command.SetAction(async (result, cancellationToken)
            => await comparison.RunAsync(result, await ContestantsAsync(baseline.ContestantOf(result), comparison.ServersOf(result), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<IReadOnlyList<Contestant>> ContestantsAsync(Contestant? baseline, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var peers = new PeerServers();
        List<Contestant> contestants = baseline is null ? [] : [baseline];
        foreach (var name in names)
        {
            try
            {
                contestants.Add(name switch
                {
                    "kestrel" => await peers.KestrelAsync(cancellationToken),
                    "node-ws" => await peers.NodeAsync(cancellationToken),
                    "rawws-eventloop" => Contestant.Rawws(name, "eventloop"),
                    _ => Contestant.Rawws(name, "sockets"),
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
