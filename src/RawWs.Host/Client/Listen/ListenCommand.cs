using System.CommandLine;

namespace RawWs.Host;

/// <summary>The command line of <see cref="Listener"/>.</summary>
internal static class ListenCommand
{
    public static Command Create()
    {
        var (client, print) = (new ClientArguments(), new PrintArguments());
        var count = new Option<int?>("--count") { Description = "End after so many messages.", HelpName = "COUNT", CustomParser = ClientValues.Count };
        var reconnects = new Option<bool>("--reconnect") { Description = "Connect again when the connection ends or can't be made, after a wait that grows to half a minute." };
        var isVerbose = new Option<bool>("--verbose") { Description = "Tell of pings, pongs and close frames on standard error." };

        var command = new Command("listen", "Prints each message that a WebSocket server sends as a line, until Ctrl+C.") { count, reconnects, isVerbose };
        print.AddTo(command);
        client.AddTo(command);
        command.SetAction((result, _) => ClientRunner.RunAsync(interrupted =>
        {
            var options = new ListenOptions
            {
                Client = client.ValuesOf(result),
                Count = result.GetValue(count),
                MaxMessageSize = print.MaxMessageSizeOf(result),
                Reconnects = result.GetValue(reconnects),
                IsVerbose = result.GetValue(isVerbose),
            };
            return new Listener(options, print.PrinterOf(result, StandardOutput.Open()), Console.Error, TimeProvider.System).RunAsync(interrupted);
        }));
        return command;
    }
}
