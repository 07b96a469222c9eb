using System.CommandLine;
using RawWs.Load;

var url = new Argument<Uri>("url")
{
    Description = "An echo endpoint, ws://127.0.0.1:3000/echo.",
    CustomParser = argument =>
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var value) && value.Scheme == "ws")
            return value;

        argument.AddError($"'{argument.Tokens[0].Value}' is no such address; write it as ws://127.0.0.1:3000/echo.");
        return null;
    },
};
var connections = new Option<int>("--connections") { Description = "How many connections echo at once.", DefaultValueFactory = _ => 16 };
var size = new Option<int>("--size") { Description = "Bytes of JSON in a message.", DefaultValueFactory = _ => 1024 };
var seconds = new Option<double>("--seconds") { Description = "How long is measured, after a second of warm-up.", DefaultValueFactory = _ => 3 };
var takeover = new Option<bool>("--takeover") { Description = "Let the server keep its window between messages." };
var pid = new Option<int?>("--pid") { Description = "The server's process: its CPU time is what is divided by." };

var deflate = new Command("deflate", "Echoes compressed JSON: each connection has one message under way.") { url, connections, size, seconds, takeover, pid };
deflate.SetAction((result, cancellationToken) => DeflateEcho.RunAsync(
    new DeflateEchoOptions(
        result.GetRequiredValue(url), result.GetValue(connections), result.GetValue(size), TimeSpan.FromSeconds(result.GetValue(seconds)), result.GetValue(takeover), result.GetValue(pid)),
    cancellationToken));

return await new RootCommand("Loads a WebSocket server.") { deflate }.Parse(args).InvokeAsync();
