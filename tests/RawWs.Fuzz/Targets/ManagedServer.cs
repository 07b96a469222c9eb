using System.Net.WebSockets;
using RawWs.Testing;

namespace RawWs.Fuzz;

/// <summary>The server side of System.Net.WebSockets over bytes that are all known beforehand.</summary>
internal static class ManagedServer
{
    public static async Task<PeerVerdict> ReadAsync(byte[] input)
    {
        await using var stream = new ScriptedStream(input);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var verdict = new PeerVerdict();

        try
        {
            while (await ReadMessageAsync(socket, verdict))
            {
            }

            verdict = verdict with
            {
                ClosedWith = (int)(socket.CloseStatus ?? WebSocketCloseStatus.Empty),
                Reason = socket.CloseStatusDescription ?? "",
            };
        }
        catch (WebSocketException error) when (error.WebSocketErrorCode is WebSocketError.ConnectionClosedPrematurely)
        {
            // The bytes are at an end: it waits for more.
        }
        catch (WebSocketException)
        {
            // It has sent a close frame with the code; that is the only place where it stands.
            verdict = verdict with { Code = -1 };
        }

        return WithWhatItSent(verdict, stream.Written);
    }

    private static async Task<bool> ReadMessageAsync(WebSocket socket, PeerVerdict verdict)
    {
        var payload = new List<byte>();
        var buffer = new byte[1024];
        ValueWebSocketReceiveResult result;

        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (result.MessageType is WebSocketMessageType.Close)
                return false;

            payload.AddRange(buffer.AsSpan(0, result.Count));
        }
        while (!result.EndOfMessage);

        verdict.Messages.Add((result.MessageType, [.. payload]));
        return true;
    }

    private static PeerVerdict WithWhatItSent(PeerVerdict verdict, byte[] written)
    {
        foreach (var frame in ClientFrame.ReadAll(written, out _))
        {
            if (frame.First == 0x8A)
                verdict.Pings.Add(frame.Payload);
            else if (frame.First == 0x88 && verdict.Code == -1)
                verdict = verdict with { Code = new WireFrame(frame.First, frame.Payload).CloseCode };
        }

        return verdict;
    }
}
