using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="LatencyRun"/>.</summary>
internal static class LatencyCommand
{
    public static Command Create()
    {
        var load = new LoadOptions("/echo");
        var connections = OptionValues.Count("--connections", 64, "How many connections echo in turn.");
        var size = OptionValues.Count("--size", 64, "Bytes of a message's payload.");
        var rate = OptionValues.Count("--rate", 20_000, "Messages per second, over all connections.");
        var command = new Command("latency", "Messages leave at a fixed rate, and their latency counts from when they were due, whatever held them up.") { connections, size, rate };
        load.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var (count, bytes, perSecond) = (result.GetValue(connections), result.GetValue(size), result.GetValue(rate));
            return load.RunAsync(
                result, $"latency: {count} × {bytes} bytes, {Report.Count(perSecond)}/s",
                (target, timing) => new LatencyRun(target, count, bytes, perSecond, timing), cancellationToken: cancellationToken);
        });
        return command;
    }
}
