using Microsoft.Extensions.DependencyInjection;

namespace RawWs.Hosting;

/// <summary>The session of a path whose connections each have an instance of <typeparamref name="TSession"/>, from a scope of its own.</summary>
internal sealed class ScopedSession<TSession>(IServiceScopeFactory scopes)
    where TSession : class, IWebSocketSession
{
    public async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            await scope.ServiceProvider.GetRequiredService<TSession>().RunAsync(connection, cancellationToken).ConfigureAwait(false);
        }
    }
}
