using System.Net.WebSockets;

namespace RawWs.Host;

/// <summary>Sends messages, prints answers if there are any to wait for, and closes in good order.</summary>
/// <param name="request">What to do.</param>
/// <param name="printer">Where answers go.</param>
/// <param name="openInput">Opens standard input.</param>
/// <param name="isInteractive">Whether somebody types what is sent: then everything that comes is printed as it comes.</param>
/// <param name="time">The clock for <see cref="LongestEnd"/>.</param>
internal sealed class Sender(SendRequest request, MessagePrinter printer, Func<Stream> openInput, bool isInteractive, TimeProvider time) : IDisposable
{
    /// <summary>How long the sending has to notice that it is done, or can't go on, once the server has closed. What comes through a pipe may never end.</summary>
    public static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _answers = new(0);
    private int _answerCount;

    private int WantedCount => request.Wait ?? 0;

    /// <returns>The exit code.</returns>
    /// <exception cref="ClientFailureException">Not everything was sent, or answered, or the server did not close as it should.</exception>
    /// <exception cref="IOException">What is to be sent can't be read, or what is to be printed can't be written.</exception>
    public async Task<int> RunAsync(CancellationToken interrupted)
    {
        using var connector = new ClientConnector(request.Client);
        using var connection = await connector.ConnectAsync(interrupted);

        // Somebody is always reading: a server that can't get rid of its answers would not take what is sent.
        var receiving = ReceiveAsync(connection);

        // Standard input may block a thread for as long as nobody types, and can't be cancelled.
        var sending = Task.Run(() => new OutgoingMessages(request, openInput).SendAsync(connection), CancellationToken.None);
        var inTime = true;
        try
        {
            await Task.WhenAny(sending, receiving).WaitAsync(interrupted);
            for (var count = 0; sending.IsCompletedSuccessfully && inTime && count < WantedCount; count++)
                inTime = await _answers.WaitAsync(request.WaitTimeout, interrupted);
        }
        catch (OperationCanceledException)
        {
            // It is closed as always; how, nobody asks any more.
            await connection.BeginCloseAsync(WebSocketCloseStatus.NormalClosure);
            await Task.WhenAny(receiving);
            throw;
        }

        await connection.BeginCloseAsync(WebSocketCloseStatus.NormalClosure);
        await receiving;
        if (!connection.IsWellClosed)
            throw new ClientFailureException($"The server closed the connection with {connection.CloseDescription}");
        if (!sending.IsCompleted && !await HasSentAllAsync(sending, interrupted))
            throw new ClientFailureException("The server closed the connection before everything had been sent.");

        await sending;
        if (_answerCount < WantedCount)
            throw new ClientFailureException($"{_answerCount} of {WantedCount} answers came{(inTime ? " before the server closed the connection." : $", and then none for {request.WaitTimeout.TotalSeconds} s; --wait-timeout waits longer.")}");

        return ExitCode.Success;
    }

    public void Dispose() => _answers.Dispose();

    // A server that closes when it has everything may be heard before the sending knows that it is done. Why it is not done does not matter: nobody takes the rest.
    private async Task<bool> HasSentAllAsync(Task sending, CancellationToken interrupted)
    {
        if (!isInteractive)
            await sending.WaitAsync(LongestEnd, time, interrupted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        return sending.IsCompletedSuccessfully;
    }

    private async Task ReceiveAsync(ClientConnection connection)
    {
        try
        {
            while (await connection.ReadMessageAsync(request.MaxMessageSize))
            {
                if (!isInteractive && _answerCount >= WantedCount)
                    continue;

                printer.Print(connection.Type, connection.Payload.Span);
                _answerCount++;
                _answers.Release();
            }
        }
        finally
        {
            // There will be no others: nobody has to wait for them.
            if (WantedCount > 0)
                _answers.Release(WantedCount);
        }
    }
}
