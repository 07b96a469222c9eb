using System.Text;
using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>Servers that clients are held against: in this process, so that a test sees both sides.</summary>
internal static class ClientServer
{
    extension(LoopbackServer server)
    {
        /// <summary>The address as the command line takes it.</summary>
        public string Address => server.Uri.ToString();
    }

    /// <summary>A session that keeps what comes, and completes with it when the client has closed.</summary>
    public static (Func<WebSocketConnection, CancellationToken, Task> Session, Task<List<(MessageType Type, byte[] Payload)>> Received, Task<CloseResult> Closed) Recorder()
    {
        var received = new TaskCompletionSource<List<(MessageType Type, byte[] Payload)>>();
        var closed = new TaskCompletionSource<CloseResult>();
        return (SessionAsync, received.Task, closed.Task);

        async Task SessionAsync(WebSocketConnection connection, CancellationToken cancellationToken)
        {
            var messages = new List<(MessageType Type, byte[] Payload)>();
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                messages.Add((message.Type, message.ToArray()));

            received.SetResult(messages);
            connection.TellHowItEnds(closed);
        }
    }

    /// <summary>Completes with how the connection has ended, which it does when its session has.</summary>
    public static void TellHowItEnds(this WebSocketConnection connection, TaskCompletionSource<CloseResult> closed)
        => connection.Closed.ContinueWith(ended => closed.SetFromTask(ended), TaskScheduler.Default);

    /// <summary>Reads until the client closes, or has gone.</summary>
    public static async Task ReadToEndAsync(this WebSocketConnection connection)
    {
        await foreach (var message in connection.ReadMessagesAsync())
        {
            // Whatever it says.
        }
    }

    /// <summary>Sends texts.</summary>
    public static async Task SayAsync(this WebSocketConnection connection, params string[] texts)
    {
        foreach (var text in texts)
            await connection.SendAsync(Encoding.UTF8.GetBytes(text), MessageType.Text);
    }
}
