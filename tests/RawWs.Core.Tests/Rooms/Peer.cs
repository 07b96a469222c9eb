using RawWs.Testing;

namespace RawWs.Tests.Rooms;

/// <summary>Both ends of a connection.</summary>
internal sealed record Peer(WireClient Client, WebSocketConnection Connection) : IAsyncDisposable
{
    /// <summary>Reads so many text messages.</summary>
    public async Task<string[]> ReadAsync(int count)
    {
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            var frame = await Client.ReadFrameAsync();
            Assert.Equal(1, frame.Opcode);
            texts[i] = frame.Text;
        }

        return texts;
    }

    /// <summary>Reads text messages up to the last, or to the end of the connection, however it ends.</summary>
    /// <param name="last">The text of the last message.</param>
    public async Task<List<string>> ReadUntilAsync(string last)
    {
        var texts = new List<string>();
        try
        {
            while (true)
            {
                var frame = await Client.ReadFrameAsync();
                if (frame.Opcode == 8 || frame.Text == last)
                    return texts;

                texts.Add(frame.Text);
            }
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // It was aborted.
            return texts;
        }
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
