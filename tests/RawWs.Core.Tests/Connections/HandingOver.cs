namespace RawWs.Tests.Connections;

internal static class HandingOver
{
    /// <summary>Hands over messages that leave together, and holds no lock meanwhile.</summary>
    public static void HandOver(this WebSocketConnection connection, params ReadOnlySpan<PreparedMessage> messages)
    {
        if (connection.EnqueueAll(messages))
            connection.ReleaseSending();
    }
}
