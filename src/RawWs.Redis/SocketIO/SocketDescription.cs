using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>What other servers are told of a socket.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Handshake">The first request of its connection, and what it said when it connected.</param>
/// <param name="Rooms">The rooms it is in.</param>
/// <param name="Data">What the application keeps with it.</param>
internal sealed record SocketDescription(string Id, EventValue Handshake, IReadOnlyList<string> Rooms, EventValue Data)
{
    /// <summary>Describes a socket. What can't be written of it, or nobody could read, is left out.</summary>
    public static SocketDescription Of(RemoteSocket socket)
        => new(socket.Id, ReadableOf(socket, static socket => socket.HandshakeValue), socket.Rooms, ReadableOf(socket, static socket => socket.DataValue));

    // A client may have said something too deep, or that looks like a binary value; the application may keep what nobody knows how to write. Others are to be found all the same.
    private static EventValue ReadableOf(RemoteSocket socket, Func<RemoteSocket, EventValue> describe)
    {
        try
        {
            var value = describe(socket);
            return value.Attachments.Count == 0 ? value : socket.Namespace.CreateValue(value.Utf8Json, value.Attachments);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NotSupportedException)
        {
            return socket.Namespace.CreateValue("{}"u8.ToArray());
        }
    }
}
