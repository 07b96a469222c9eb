using System.Net.WebSockets;
using System.Text;

namespace RawWs.Host;

/// <summary>Sends what <c>rawws send</c> is asked to, from where it is.</summary>
internal sealed class OutgoingMessages(SendRequest request, Func<Stream> openInput)
{
    /// <summary>What is longer leaves in several frames, so that nothing has to be held that is larger than memory.</summary>
    private const int MaxFrameSize = 1 << 20;

    // What is not UTF-8 is not guessed at: RFC 6455 §5.6 has no other text.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ClientFailureException">The connection has failed, or what is to be sent can't be.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public async Task SendAsync(ClientConnection connection)
    {
        if (request.File is { } path)
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            await SendWholeAsync(connection, file);
        }
        else if (request.Texts.Count > 0)
        {
            foreach (var text in request.Texts)
                await connection.SendAsync(Utf8.GetBytes(text), request.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
        }
        else if (request.IsBinary)
        {
            await SendWholeAsync(connection, openInput());
        }
        else
        {
            await SendLinesAsync(connection, openInput());
        }
    }

    private static async Task SendWholeAsync(ClientConnection connection, Stream source)
    {
        var (current, next) = (new byte[MaxFrameSize], new byte[MaxFrameSize]);
        var length = await FillAsync(current);

        // One ahead: the last frame has to say that it is the last.
        while (length == MaxFrameSize && await FillAsync(next) is > 0 and var nextLength)
        {
            await connection.SendAsync(current, WebSocketMessageType.Binary, endOfMessage: false);
            (current, next, length) = (next, current, nextLength);
        }

        await connection.SendAsync(current.AsMemory(0, length), WebSocketMessageType.Binary);

        ValueTask<int> FillAsync(byte[] buffer) => source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
    }

    private static async Task SendLinesAsync(ClientConnection connection, Stream input)
    {
        using var lines = new StreamReader(input, Utf8, detectEncodingFromByteOrderMarks: false);
        for (var number = 1; await ReadLineAsync(lines, number) is { } line; number++)
            await connection.SendAsync(Utf8.GetBytes(line), WebSocketMessageType.Text);
    }

    private static async ValueTask<string?> ReadLineAsync(StreamReader lines, int number)
    {
        try
        {
            return await lines.ReadLineAsync();
        }
        catch (DecoderFallbackException)
        {
            // The reader is some lines ahead of what it has handed out.
            throw new ClientFailureException($"Standard input is not UTF-8, in line {number} or soon behind it; --binary sends it as it is, as one message.");
        }
    }
}
