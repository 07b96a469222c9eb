using System.Globalization;

namespace RawWs.Load;

/// <summary>One cell of a comparison: a load, as it is written on the command line (see <see cref="CellKind"/>).</summary>
/// <param name="Kind">Of the load.</param>
/// <param name="Connections">How many.</param>
/// <param name="Size">Bytes of each message.</param>
/// <param name="Depth">How many messages are under way: of each connection, or of all together in a fan-out.</param>
/// <param name="PerSecond">Messages per second, over all connections; 0 for as many as there can be.</param>
internal sealed record Cell(CellKind Kind, int Connections, int Size = 64, int Depth = 1, int PerSecond = 0)
{
    public const string Standard = "echo 64,64,1; echo 64,64,16; echo 64,16384,1; latency 64,64,20000; fanout 1000,64,8; churn 64";

    /// <summary>What servers of Socket.IO are compared by. An echo is an event with an ack, and who churns joins the main namespace first.</summary>
    public const string SocketIO = "echo 64,64,1; echo 64,64,16; fanout 1000,64,8; polling 200,64,8; churn 64; idle 5000";

    /// <summary>Reads cells with semicolons between them.</summary>
    /// <exception cref="FormatException">One is none.</exception>
    public static IReadOnlyList<Cell> ParseAll(string text)
        => [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    /// <summary>Applies the load.</summary>
    public async Task<LoadResult> RunAsync(LoadTarget target, LoadTiming timing, CancellationToken cancellationToken)
    {
        if (Kind == CellKind.Polling)
        {
            using var fanout = new PollingFanout(target, Connections, Size, Depth, timing);
            return await fanout.RunAsync(cancellationToken);
        }

        using var run = RunOn(target, timing);
        return await run.RunAsync(cancellationToken);
    }

    public override string ToString() => Kind switch
    {
        CellKind.Echo => $"echo {Connections},{Size},{Depth}",
        CellKind.Latency => $"latency {Connections},{Size},{PerSecond}",
        CellKind.Fanout => $"fanout {Connections},{Size},{(PerSecond > 0 ? $"@{PerSecond}" : $"{Depth}")}",
        CellKind.Polling => $"polling {Connections},{Size},{Depth}",
        CellKind.Churn => $"churn {Connections}",
        _ => $"idle {Connections}",
    };

    private LoadRun RunOn(LoadTarget target, LoadTiming timing) => Kind switch
    {
        CellKind.Echo => new EchoRun(target, Connections, Size, Depth, timing),
        CellKind.Latency => new LatencyRun(target, Connections, Size, PerSecond, timing),
        CellKind.Fanout => new FanoutRun(target, Connections, Size, Depth, PerSecond, timing),
        CellKind.Churn => new ChurnRun(target, Connections, timing),
        _ => new IdleRun(target, Connections, timing, () => ServerMemory.Of(target.Process)),
    };

    private static Cell Parse(string text)
    {
        var words = text.Split(' ', 2, StringSplitOptions.TrimEntries);
        var numbers = words.Length == 2 ? words[1].Split(',', StringSplitOptions.TrimEntries) : [];
        var isPaced = numbers is [_, _, ['@', ..]];
        if (isPaced)
            numbers[2] = numbers[2][1..];

        int[] values = [.. numbers.Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0)];
        return (words[0], values, isPaced) switch
        {
            _ when values.Any(value => value < 1) => throw Refuse(text),
            ("echo", [var connections, var size, var depth], false) => new Cell(CellKind.Echo, connections, size, depth),
            ("latency", [var connections, var size, var perSecond], _) => new Cell(CellKind.Latency, connections, size, PerSecond: perSecond),
            ("fanout", [var members, >= FrameRing.NumberLength and var size, var perSecond], true) => new Cell(CellKind.Fanout, members, size, PerSecond: perSecond),
            ("fanout", [var members, >= FrameRing.NumberLength and var size, var depth], false) => new Cell(CellKind.Fanout, members, size, depth),
            ("polling", [var members, >= FrameRing.NumberLength and var size, var depth], false) => new Cell(CellKind.Polling, members, size, depth),
            ("churn", [var connections], false) => new Cell(CellKind.Churn, connections),
            ("idle", [var connections], false) => new Cell(CellKind.Idle, connections),
            _ => throw Refuse(text),
        };
    }

    private static FormatException Refuse(string text) => new(
        $"'{text}' is no cell; write echo CONNECTIONS,BYTES,IN-FLIGHT, latency CONNECTIONS,BYTES,PER-SECOND, fanout MEMBERS,BYTES,UNDER-WAY or "
        + $"fanout MEMBERS,BYTES,@PER-SECOND (from {FrameRing.NumberLength} bytes), polling MEMBERS,BYTES,UNDER-WAY of Socket.IO, churn CONNECTIONS, or idle CONNECTIONS.");
}
