using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>How long a message may take to come.</summary>
public sealed class MessageTimeoutTests
{
    [Fact]
    public async Task A_message_that_dribbles_in_is_closed_with_1008_by_an_absolute_deadline()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAndRestAsync();

        foreach (var octet in WireFrame.MaskedText(new string('x', 100))[..59])
        {
            await client.SendAsync([octet]);
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var close = client.ReadFrameAsync();
        Assert.False(close.IsCompleted);

        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1008, (await close).CloseCode);
    }

    // As when a peer sends without a pause, and no read ends where a message does.
    [Theory]
    [InlineData(0x81, 0x1)]
    [InlineData(0x89, 0xA)]
    public async Task What_begins_in_the_read_that_ends_the_one_before_has_a_deadline_of_its_own(byte first, int answer)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAndRestAsync();
        var frame = WireFrame.Masked(first, "Hello"u8);

        await client.SendAsync(frame[..4]);
        for (var round = 0; round < 10; round++)
        {
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromSeconds(10));
            await client.SendAsync([.. frame[4..], .. frame[..4]]);
            var answered = await client.ReadFrameAsync();
            Assert.Equal((answer, "Hello"), (answered.Opcode, answered.Text));
        }
    }

    [Fact]
    public async Task Control_frames_do_not_prolong_the_deadline_of_the_message_that_they_come_in()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.OpenAndRestAsync();

        await client.SendAsync(WireFrame.MaskedText("begun", fin: false));
        for (var second = 0; second < 50; second += 10)
        {
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromSeconds(10));
            await client.SendAsync(WireFrame.Masked(0x89));
            Assert.Equal(0xA, (await client.ReadFrameAsync()).Opcode);
        }

        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(9));
        var close = client.ReadFrameAsync();
        Assert.False(close.IsCompleted);

        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1008, (await close.WaitAsync(TimeSpan.FromSeconds(30))).CloseCode);
    }
}
