using System.Text;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>Many clients that mean harm, and one that does not.</summary>
public class HostileCrowdTests : LoopbackTests
{
    private static readonly byte[] GoodHandshake = Encoding.ASCII.GetBytes(WireClient.Handshake + "\r\n");

    [Fact]
    public async Task Five_hundred_clients_that_send_garbage_do_not_disturb_one_that_does_not()
    {
        await using var server = await StartServerAsync();
        await using var bystander = await server.OpenAsync();

        var crowd = Task.WhenAll(Enumerable.Range(0, 500).Select(seed => Task.Run(() => MisbehaveAsync(server, seed))));
        var echoed = 0;
        do
        {
            await bystander.SendAsync(WireFrame.MaskedText($"{echoed}"));
            Assert.Equal($"{echoed++}", (await bystander.ReadFrameAsync()).Text);
        }
        while (!crowd.IsCompleted);

        await crowd;
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_reset_at_any_byte_of_a_session_leaves_nothing()
    {
        await using var server = await StartServerAsync();
        byte[] session = [.. GoodHandshake, .. WireFrame.MaskedText("Hello"), .. WireFrame.Masked(0x89, 1), .. WireFrame.MaskedClose(1000)];

        for (var length = 0; length <= session.Length; length++)
        {
            await using var client = await server.ConnectAsync();
            await client.SendAsync(session[..length]);
            client.Abort();
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_storm_of_upgrades_is_served()
    {
        await using var server = await StartServerAsync();

        var clients = await Task.WhenAll(Enumerable.Range(0, 400).Select(async number =>
        {
            var client = await server.ConnectAsync();
            await client.SendAsync([.. GoodHandshake, .. WireFrame.MaskedText($"{number}")]);
            return client;
        }));

        for (var number = 0; number < clients.Length; number++)
        {
            Assert.StartsWith("HTTP/1.1 101 ", await clients[number].ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal($"{number}", (await clients[number].ReadFrameAsync()).Text);
        }

        // And all at once they are gone.
        foreach (var client in clients)
            client.Abort();

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    // Of another server one of these took minutes: its time grew with the square of the length.
    [Theory]
    [InlineData("Sec-WebSocket-Protocol", ",", 400)]
    [InlineData("Sec-WebSocket-Protocol", " ,", 400)]
    [InlineData("Sec-WebSocket-Protocol", "a ", 400)]
    [InlineData("Sec-WebSocket-Extensions", ",", 400)]
    [InlineData("Sec-WebSocket-Extensions", "x;", 400)]
    [InlineData("Sec-WebSocket-Extensions", "x; \"", 400)]
    [InlineData("Connection", ",", 101)]
    [InlineData("Connection", " \t,", 101)]
    [InlineData("Upgrade", ",", 101)]
    [InlineData("Cookie", ";", 101)]
    [InlineData("Cookie", "a=\"", 101)]
    [InlineData("Origin", "http://", 101)]
    [InlineData("X-Spaces", " ", 101)]
    [InlineData("X-Spaces", "a ", 101)]
    public async Task Sixty_four_KiB_of_anything_in_a_header_take_linear_time(string name, string part, int status)
    {
        await using var server = await StartServerAsync(configure: options =>
        {
            options.MaxRequestHeadSize = 1_048_576;
            options.OnUpgrade = (request, _) =>
            {
                request.GetCookie("none");
                request.GetQueryValue("none");
                return new(UpgradeResponse.Accept());
            };
        });
        var value = string.Concat(Enumerable.Repeat(part, 64 * 1024 / part.Length));
        await using var client = await server.ConnectAsync();
        var started = TimeProvider.System.GetTimestamp();

        await client.SendAsync(WireClient.Handshake + $"{name}: {value}\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);

        // Milliseconds, if it is linear; generously.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Empty(server.Log.AboveDebug);
    }

    private static async Task MisbehaveAsync(LoopbackServer server, int seed)
    {
        var random = new Random(seed);
        await using var client = await server.ConnectAsync();
        try
        {
            // Nothing but garbage, a good handshake and then garbage, or good things that are changed here and there.
            var garbage = new byte[random.Next(1, 20_000)];
            random.NextBytes(garbage);
            var bytes = (seed % 3) switch
            {
                0 => garbage,
                1 => (byte[])[.. GoodHandshake, .. garbage],
                _ => (byte[])[.. GoodHandshake, .. WireFrame.MaskedText("Hello"), .. WireFrame.Masked(0x02, garbage), .. WireFrame.Masked(0x80, garbage)],
            };
            for (var change = 0; change < 3 && seed % 3 == 2; change++)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));

            foreach (var piece in bytes.Chunk(random.Next(1, 5_000)))
                await client.SendAsync(piece);

            if (seed % 2 == 0)
                client.EndSending();
            else
                client.Abort();

            if (seed % 2 == 0)
                await client.ReadToEndAsync();
        }
        catch (IOException)
        {
            // It was thrown out.
        }
    }
}
