using System.Net;

namespace RawWs.Load.Tests;

/// <summary>Broadcasts over several nodes: of servers that do what they should, of one that does not, and of real ones with a redis-server between them. It needs Linux.</summary>
public class ClusterTests
{
    private static readonly LoadTiming Patient = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1), Spins: false) { RestTimeout = TimeSpan.FromMinutes(1) };
    private static readonly LoadTiming Impatient = Patient with { RestTimeout = TimeSpan.FromMilliseconds(300) };

    public static bool IsLinux => OperatingSystem.IsLinux();

    public static bool HasRedis => IsLinux && ExecutablePath.Find("redis-server") is not null;

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task Members_are_on_all_nodes_in_turn_and_what_goes_to_others_is_timed_apart()
    {
        var result = await RunAsync(static _ => true, Patient);

        Assert.Empty(result.Failures);
        var remote = Assert.IsType<RawWs.Host.LatencyHistogram>(result.RemoteLatencies);
        Assert.Equal(result.Count, result.Latencies.Count + remote.Count);
        Assert.NotEqual(0, result.Latencies.Count);
        Assert.NotEqual(0, remote.Count);
    }

    [Fact(SkipUnless = nameof(IsLinux), Skip = "needs epoll")]
    public async Task What_does_not_reach_another_node_is_found()
    {
        var result = await RunAsync(static number => number != 2, Impatient);

        Assert.Contains(result.Failures, failure => failure.Contains("deliveries instead of", StringComparison.Ordinal));
    }

    [Theory(SkipUnless = nameof(HasRedis), Skip = "needs epoll and a redis-server")]
    [InlineData("pubsub")]
    [InlineData("streams")]
    [InlineData("socketio")]
    public async Task A_cluster_of_processes_is_whole_before_it_is_measured_and_loses_nothing(string kind)
    {
        var contestant = kind == "socketio" ? ClusterContestant.SocketIO(kind, SocketIOBenchServer.StartOf("eventloop")) : ClusterContestant.Rawws(kind, kind);
        await using var servers = new ClusterServers(contestant, nodeCount: 2, core: null);

        var result = await servers.RunAsync(Cell.ParseAll("fanout 4,64,2")[0], Patient, CancellationToken.None);

        Assert.Empty(result.Failures);
        Assert.NotEqual(0, result.RemoteLatencies?.Count);
    }

    [Fact]
    public void The_table_has_a_line_for_each_cluster()
    {
        var outcome = new CellOutcome("one");
        var (local, remote) = (new RawWs.Host.LatencyHistogram(), new RawWs.Host.LatencyHistogram());
        local.Record(1_000);
        remote.Record(3_000);
        var result = new LoadResult("deliveries", 4_000_000, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), 0, local, []) { RemoteLatencies = remote, BrokerCpu = TimeSpan.FromMilliseconds(100) };
        outcome.Add(result, result);
        var failed = new CellOutcome("two");
        failed.Add(result with { Failures = ["No."] }, result);

        var lines = ClusterReport.TableOf([(new Cell(CellKind.Fanout, 4), [outcome, failed])]).Split('\n');

        // 500,000 messages a second to four each; a tenth of a second for 1,000,000 messages.
        Assert.Equal(
            ["fanout 4,64,1", "one", "500,000", "2,000,000", "4,000,000", "0.1", "1.0", "1.0", "3.0", "3.0", "1.00", "1.00–1.00"],
            lines[2].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("failed", lines[3], StringComparison.Ordinal);
    }

    /// <summary>Two servers that are one room.</summary>
    /// <param name="reaches">Whether a message, by its number, reaches the second.</param>
    /// <param name="timing">How long.</param>
    private static async Task<LoadResult> RunAsync(Func<int, bool> reaches, LoadTiming timing)
    {
        List<WebSocketConnection>[] members = [[], []];
        await using var one = await StartAsync(members[0], async (message, number) =>
        {
            foreach (var member in reaches(number) ? [.. members[0], .. members[1]] : members[0])
                await member.SendAsync(message);
        });
        await using var two = await StartAsync(members[1], static (_, _) => throw new InvalidOperationException("Nobody publishes here."));

        var target = new LoadTarget((IPEndPoint)one.EndPoints[0], "/", Environment.ProcessId) { OtherNodes = [((IPEndPoint)two.EndPoints[0], Environment.ProcessId)] };
        return await Cell.ParseAll("fanout 4,64,4")[0].RunAsync(target, timing, CancellationToken.None);
    }

    private static async Task<WebSocketServer> StartAsync(List<WebSocketConnection> members, Func<byte[], int, Task> publishAsync)
    {
        var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        server.Map("*", async (connection, cancellationToken) =>
        {
            lock (members)
            {
                members.Add(connection);
            }

            var number = 0;
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await publishAsync(message.ToArray(), number++);
        });
        await server.StartAsync();
        return server;
    }
}
