using System.Net;

namespace RawWs.Load;

/// <summary>Many clients at once: all open, each echoes once, all leave, every second one with a closing handshake and the others with a reset.</summary>
internal sealed class Burst(IPEndPoint server, int count, Failures failures) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);

    private readonly LoadClient?[] _clients = new LoadClient?[count];

    public int OpenCount => _clients.Count(client => client is not null);

    public IEnumerable<LoadClient> Clients => _clients.OfType<LoadClient>();

    public Task OpenAsync(CancellationToken cancellationToken) => AllAsync(
        "A client of a burst could not open",
        async (index, token) => _clients[index] = await LoadClient.OpenAsync(server, "/echo", 256, cancellationToken: token),
        cancellationToken);

    public Task EchoAsync(CancellationToken cancellationToken) => AllAsync(
        "A client of a burst got no echo",
        async (index, token) =>
        {
            var message = new EchoMessage();
            if (_clients[index] is { } client)
                await client.EchoAsync(message.Frame, message.Payload, token);
        },
        cancellationToken);

    public Task LeaveAsync(CancellationToken cancellationToken) => AllAsync(
        "A client of a burst could not close",
        async (index, token) =>
        {
            using var client = Interlocked.Exchange(ref _clients[index], null);
            if (client is null)
                return;

            if (index % 2 == 0)
                await client.CloseAsync(token);
            else
                client.Reset();
        },
        cancellationToken);

    public void Dispose()
    {
        foreach (var client in Clients)
            client.Dispose();
    }

    private async Task AllAsync(string failure, Func<int, CancellationToken, Task> actAsync, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Timeout);
        await Task.WhenAll(Enumerable.Range(0, count).Select(index => OneAsync(index, deadline.Token)));
        cancellationToken.ThrowIfCancellationRequested();

        async Task OneAsync(int index, CancellationToken token)
        {
            try
            {
                await actAsync(index, token);
            }
            catch (Exception error) when (NetworkFailure.Is(error) || error is OperationCanceledException)
            {
                if (!cancellationToken.IsCancellationRequested)
                    failures.Add($"{failure}: {error.Message}");
            }
        }
    }
}
