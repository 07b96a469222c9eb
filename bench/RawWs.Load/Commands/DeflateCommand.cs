using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="DeflateEcho"/>.</summary>
internal static class DeflateCommand
{
    public static Command Create()
    {
        var url = new Argument<Uri?>("url") { Description = "An echo endpoint, ws://127.0.0.1:3000/echo.", CustomParser = OptionValues.Url };
        var connections = OptionValues.Count("--connections", 16, "How many connections echo at once.");
        var size = OptionValues.Count("--size", 1024, "Bytes of JSON in a message.");
        var seconds = OptionValues.Duration("--seconds", 3, "How long is measured, after a second of warm-up.");
        var takeover = new Option<bool>("--takeover") { Description = "Let the server keep its window between messages." };
        var pid = new Option<int?>("--pid") { Description = "The server's process: its CPU time is what is divided by." };

        var command = new Command("deflate", "Echoes compressed JSON: each connection has one message under way.") { url, connections, size, seconds, takeover, pid };
        command.SetAction((result, cancellationToken) => DeflateEcho.RunAsync(
            new DeflateEchoOptions(
                result.GetRequiredValue(url)!, // Required, and its parser returns null with an error only.
                result.GetValue(connections),
                result.GetValue(size),
                TimeSpan.FromSeconds(result.GetValue(seconds)),
                result.GetValue(takeover),
                result.GetValue(pid)),
            cancellationToken));
        return command;
    }
}
