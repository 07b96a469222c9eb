using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="EchoRun"/>.</summary>
internal static class EchoCommand
{
    public static Command Create()
    {
        var load = new LoadOptions("/echo");
        var connections = OptionValues.Count("--connections", 64, "How many connections echo at once.");
        var size = OptionValues.Count("--size", 64, "Bytes of a message's payload.");
        var inFlight = OptionValues.Count("--in-flight", 1, "How many messages each connection has under way.");
        var text = new Option<bool>("--text") { Description = "Text messages instead of binary ones." };
        var command = new Command("echo", "Connections send, and send again when the echo has come; every byte of it is checked.") { connections, size, inFlight, text };
        load.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var (count, bytes, depth) = (result.GetValue(connections), result.GetValue(size), result.GetValue(inFlight));
            return load.RunAsync(
                result, $"echo: {count} × {bytes} bytes, {depth} in flight",
                (target, timing) => new EchoRun(target, count, bytes, depth, timing, result.GetValue(text)), cancellationToken: cancellationToken);
        });
        return command;
    }
}
