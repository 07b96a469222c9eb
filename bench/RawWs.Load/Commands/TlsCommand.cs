using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="TlsLoad"/>.</summary>
internal static class TlsCommand
{
    public static Command Create()
    {
        var url = new Argument<Uri?>("url") { Description = "An echo endpoint on this machine, wss://localhost:3000/echo.", CustomParser = OptionValues.SecureUrl };
        var pid = new Option<int>("--pid") { Description = "The server's process, whose CPU time and memory are looked at.", HelpName = "PID", Required = true };
        var connections = OptionValues.Count("--connections", 64, "How many connections there are.");
        var size = OptionValues.Count("--size", 64, "Bytes in a message.");
        var seconds = OptionValues.Duration("--seconds", 5, "How long is measured, or rested before the memory is looked at.");
        var idle = new Option<bool>("--idle") { Description = "Let each connection echo once and then do nothing: what a handshake costs, and what a connection holds." };

        var command = new Command("tls", "Echoes over TLS, each connection with one message under way; or connections over TLS that do nothing.") { url, pid, connections, size, seconds, idle };
        command.SetAction((result, cancellationToken) =>
        {
            var (target, process, count, bytes) = (result.GetRequiredValue(url)!, result.GetRequiredValue(pid), result.GetValue(connections), result.GetValue(size)); // Its parser returns null with an error only.
            var time = TimeSpan.FromSeconds(result.GetValue(seconds));
            return result.GetValue(idle)
                ? TlsLoad.IdleAsync(target, count, bytes, time, process, cancellationToken)
                : TlsLoad.EchoAsync(target, count, bytes, time, process, cancellationToken);
        });
        return command;
    }
}
