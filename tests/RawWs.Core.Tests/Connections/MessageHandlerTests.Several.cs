using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Connections;

// Several messages that one read brings.
public partial class MessageHandlerTests
{
    // What a message is, and what its handler does with it.
    private static readonly string[] Kinds = ["plain", "waits", "reads", "keeps", "fragmented", "ping", "empty"];

    /// <summary>Whatever three things come together, and wherever they are cut.</summary>
    [Fact]
    public async Task Whatever_comes_together_is_handled_in_order()
    {
        await using var server = await StartAsync(HandleByKindAsync);
        var number = 0;
        foreach (var first in Kinds)
            foreach (var second in Kinds)
                foreach (var third in Kinds)
                    await CheckAsync(server, [first, second, third], number++);
    }

    [Theory]
    [InlineData("88820000000003E8", "1000")]
    [InlineData("8103414243", "1002")] // Not masked.
    [InlineData("8185000000004142FF4344", "1007")]
    [InlineData("81FF00000000000186A000000000", "1009")]
    [InlineData("80810000000041", "1002")] // Continues nothing.
    [InlineData("81FE", "")] // A beginning, and the end of TCP.
    public async Task What_ends_a_connection_ends_it_behind_the_messages_before(string wire, string code)
    {
        var handled = 0;
        await using var server = await StartAsync(
            (connection, message) =>
            {
                Interlocked.Increment(ref handled);
                return connection.SendAsync(message);
            },
            options => options.MaxMessageSize = 50_000);
        await using var client = await server.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedText("one"), .. WireFrame.MaskedText("two"), .. Convert.FromHexString(wire), .. WireFrame.MaskedText("three")]);
        if (code.Length == 0)
            client.EndSending();

        Assert.Equal("one", (await client.ReadFrameAsync()).Text);
        Assert.Equal("two", (await client.ReadFrameAsync()).Text);
        if (code.Length > 0)
            Assert.Equal(code, $"{(await client.ReadFrameAsync()).CloseCode}");

        client.EndSending();
        await client.ReadToEndAsync();
        Assert.Equal(2, handled);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Behind_a_handler_that_fails_or_closes_nothing_is_handled(bool fails, bool waits)
    {
        var handled = new List<string>();
        await using var server = await StartAsync(async (connection, message) =>
        {
            var text = message.GetText();
            handled.Add(text);
            if (text != "two")
            {
                await connection.SendAsync(message);
                return;
            }

            if (waits)
                await Task.Yield();

            if (fails)
                throw new InvalidOperationException("as it is meant to");

            var closing = connection.CloseAsync((CloseCode)4000);
            if (waits)
                await closing;
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedText("one"), .. WireFrame.MaskedText("two"), .. WireFrame.MaskedText("three"), .. WireFrame.MaskedClose(4000)]);

        Assert.Equal("one", (await client.ReadFrameAsync()).Text);
        Assert.Equal(fails ? 1011 : 4000, (await client.ReadFrameAsync()).CloseCode);
        client.EndSending();
        await client.ReadToEndAsync();
        Assert.Equal(["one", "two"], handled);
    }

    private static async ValueTask HandleByKindAsync(WebSocketConnection connection, WebSocketMessage message)
    {
        var text = message.GetText();
        switch (text.Split(' ')[0])
        {
            case "waits":
                await Task.Yield();
                break;
            case "reads":
                text += $", {(await connection.ReceiveAsync())?.GetText()}";
                await connection.SendAsync(text);
                return;
            case "keeps":
                await connection.SendAsync(message);
                await Task.Yield();
                break;
        }

        await connection.SendAsync(message);
    }

    private static async Task CheckAsync(LoopbackServer server, string[] kinds, int seed)
    {
        await using var client = await server.OpenAsync();
        byte[] wire = [.. kinds.SelectMany(Frames), .. WireFrame.MaskedText("end")];
        var cut = seed % 3 == 0 ? wire.Length : seed * 7 % wire.Length;
        await client.SendAsync(wire[..cut]);
        if (cut < wire.Length)
            await client.SendAsync(wire[cut..]);

        foreach (var expected in Answers([.. kinds, "end"]))
            Assert.Equal(expected, (await client.ReadFrameAsync()).Text);
    }

    private static IEnumerable<byte> Frames(string kind, int index) => kind switch
    {
        "fragmented" => [.. WireFrame.MaskedText("fragmen", fin: false), .. WireFrame.Masked(0x80, Encoding.UTF8.GetBytes($"ted {index}"))],
        "ping" => WireFrame.Masked(0x89, Encoding.UTF8.GetBytes($"ping {index}")),
        "empty" => WireFrame.MaskedText(""),
        _ => WireFrame.MaskedText($"{kind} {index}"),
    };

    private static List<string> Answers(string[] kinds)
    {
        var answers = new List<string>();
        for (var index = 0; index < kinds.Length; index++)
        {
            var text = TextOf(kinds, index);
            if (kinds[index] == "reads")
            {
                // Pings in between are answered on the way.
                while (kinds[++index] == "ping")
                    answers.Add(TextOf(kinds, index));

                text += $", {TextOf(kinds, index)}";
            }

            answers.Add(text);
            if (kinds[index] == "keeps" && !text.StartsWith("reads", StringComparison.Ordinal))
                answers.Add(text);
        }

        return answers;
    }

    private static string TextOf(string[] kinds, int index) => kinds[index] switch
    {
        "empty" => "",
        "end" => "end",
        var kind => $"{kind} {index}",
    };
}
