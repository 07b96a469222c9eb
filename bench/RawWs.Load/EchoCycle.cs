using System.Net;

namespace RawWs.Load;

/// <summary>One client after the other: opens, echoes, closes.</summary>
internal sealed class EchoCycle(IPEndPoint server)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly EchoMessage _message = new();

    /// <exception cref="OperationCanceledException">It took longer than a minute, or it is to stop.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        _message.Renew();
        using var client = await LoadClient.OpenAsync(server, "/echo", cancellationToken: deadline.Token);
        await client.EchoAsync(_message.Frame, _message.Payload, deadline.Token);
        await client.CloseAsync(deadline.Token);
    }
}
