namespace RawWs.Tests.Connections;

/// <summary>Messages that are handed over together, by somebody who holds no lock.</summary>
internal static class HandingOver
{
    extension(WebSocketConnection connection)
    {
        public void SendTogether(params PreparedMessage[] messages) => connection.ReleaseSending(connection.EnqueueAll(messages));
    }
}
