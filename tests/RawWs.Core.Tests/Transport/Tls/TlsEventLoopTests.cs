using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Transport.Tls;

public sealed class TlsEventLoopTests : TlsTests
{
    protected override ITransport NewTransport() => NewEventLoop();

    [Fact]
    public async Task What_a_turn_sends_leaves_in_one_record()
    {
        await using var server = await StartTlsAsync();
        await using var client = await TlsClient.ConnectAsync(server.EndPoint);
        await client.Client.OpenAsync();
        var before = client.Wire.RecordTypes.Count;

        // One record, and so one turn.
        await client.Client.SendAsync([.. Enumerable.Range(0, 100).SelectMany(number => WireFrame.MaskedText($"message {number}"))]);
        for (var number = 0; number < 100; number++)
            Assert.Equal($"message {number}", (await client.Client.ReadFrameAsync()).Text);

        Assert.Equal(1, client.Wire.RecordTypes.Count - before);
    }
}
