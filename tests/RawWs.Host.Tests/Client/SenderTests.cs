using System.Net.WebSockets;
using System.Text;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class SenderTests : IDisposable
{
    private readonly MemoryStream _output = new();

    public void Dispose() => _output.Dispose();

    [Theory]
    [InlineData(false, WebSocketMessageType.Text)]
    [InlineData(true, WebSocketMessageType.Binary)]
    public async Task Texts_are_sent_as_what_they_are_to_be(bool isBinary, WebSocketMessageType expected)
    {
        var (session, received, _) = ClientServer.Recorder();
        await using var server = await LoopbackServer.StartAsync(session);

        Assert.Equal(ExitCode.Success, await SendAsync(new() { Client = new() { Url = server.Uri }, Texts = ["hello"], IsBinary = isBinary }));

        var (type, payload) = Assert.Single(await received);
        Assert.Equal((expected.ToString(), "hello"), (type.ToString(), Encoding.UTF8.GetString(payload)));
    }

    // Three texts, which are all there before anything is sent, and a close frame.
    [Theory]
    [InlineData(null, false, "")]
    [InlineData(2, false, "1\n2\n")]
    [InlineData(null, true, "1\n2\n3\n")]
    public async Task As_many_answers_are_printed_as_are_waited_for_and_all_of_them_for_who_types(int? wait, bool isInteractive, string expected)
    {
        await using var server = ScriptedServer.Start("8101" + "31" + "8101" + "32" + "8101" + "33" + "8802" + "03E8");

        Assert.Equal(ExitCode.Success, await SendAsync(new() { Client = new() { Url = server.Uri }, Wait = wait }, isInteractive));

        Assert.Equal(expected, Encoding.ASCII.GetString(_output.ToArray()));
    }

    private async Task<int> SendAsync(SendRequest request, bool isInteractive = false)
    {
        using var sender = new Sender(request, new MessagePrinter(_output, PayloadFormat.Lines, isTerminal: false), () => Stream.Null, isInteractive, TimeProvider.System);
        return await sender.RunAsync(TestContext.Current.CancellationToken);
    }
}
