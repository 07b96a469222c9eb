using System.Text;

namespace RawWs.Load;

/// <summary>How a client of Socket.IO begins on a WebSocket: the server's first packet comes, the client joins the main namespace, and is told that it has.</summary>
internal sealed class SocketIOOpening
{
    private const int MaxLength = 1024;
    private static readonly byte[] Join = ClientFrames.Of(ClientFrames.Text, "40"u8);

    // What has come of the frame that is not there whole.
    private byte[] _bytes = [];
    private bool _hasBegun;

    /// <summary>Moves <paramref name="received"/> forward, past the server's answer at most.</summary>
    /// <param name="received">What has come.</param>
    /// <param name="answer">What is to be sent; empty for nothing.</param>
    /// <returns>Whether the client has joined.</returns>
    /// <exception cref="InvalidDataException">The server says something else.</exception>
    public bool TryRead(ref ReadOnlySpan<byte> received, out byte[] answer)
    {
        answer = [];
        byte[] bytes = [.. _bytes, .. received];
        var position = 0;
        while (position + 2 <= bytes.Length && position + 2 + bytes[position + 1] <= bytes.Length)
        {
            // What a server says there is shorter than 126 bytes, so that its length is one byte.
            var packet = bytes.AsSpan(position + 2, bytes[position + 1]);
            position += 2 + packet.Length;
            if (_hasBegun && packet.StartsWith("40{"u8))
            {
                received = received[(position - _bytes.Length)..];
                return true;
            }

            if (_hasBegun || !packet.StartsWith("0{"u8))
                throw new InvalidDataException($"The server began with {Encoding.ASCII.GetString(packet)}.");

            (_hasBegun, answer) = (true, Join);
        }

        _bytes = bytes.Length - position <= MaxLength ? bytes[position..] : throw new InvalidDataException("The server's first packets have no end.");
        received = default;
        return false;
    }
}
