using System.Net.WebSockets;
using System.Text;

namespace RawWs.Host;

/// <summary>Prints what a server sends, until it has been enough.</summary>
/// <param name="options">What to do.</param>
/// <param name="printer">Where messages go.</param>
/// <param name="remarks">Where everything else goes.</param>
/// <param name="time">The clock for the waits between two attempts, and for how long connections have held.</param>
internal sealed class Listener(ListenOptions options, MessagePrinter printer, TextWriter remarks, TimeProvider time)
{
    private readonly Backoff _backoff = new();
    private readonly Lock _telling = new();

    // What has come together with the answer to the handshake is told behind it; null when that has been told.
    private List<SeenControlFrame>? _early;
    private int _printedCount;

    private bool IsDone => _printedCount == options.Count;

    /// <returns>The exit code.</returns>
    /// <exception cref="ClientFailureException">It can't go on.</exception>
    public async Task<int> RunAsync(CancellationToken interrupted)
    {
        using var connector = new ClientConnector(options.Client, options.IsVerbose ? Tell : null);
        try
        {
            while (true)
            {
                var complaint = await ListenOrComplainAsync(connector, interrupted);
                if (IsDone || interrupted.IsCancellationRequested || (complaint is null && !options.Reconnects))
                    return ExitCode.Success;
                if (!options.Reconnects)
                    throw new ClientFailureException(complaint!); // It is null only if all is well.

                var delay = _backoff.Next();
                await remarks.WriteLineAsync($"rawws: {complaint ?? "The server closed the connection."} (the next attempt is in {delay.TotalSeconds:0.0} s)");
                await Task.Delay(delay, time, interrupted);
            }
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
    }

    /// <inheritdoc cref="ListenAsync"/>
    /// <exception cref="ClientFailureException">It would be the same again, or is not to be tried again.</exception>
    private async Task<string?> ListenOrComplainAsync(ClientConnector connector, CancellationToken interrupted)
    {
        try
        {
            return await ListenAsync(connector, interrupted);
        }
        catch (ClientFailureException failure) when (options.Reconnects && !failure.IsFinal)
        {
            return failure.Message;
        }
    }

    /// <summary>Listens to one connection, from its beginning to its end.</summary>
    /// <returns>What to complain about; null if it has ended as it should.</returns>
    private async Task<string?> ListenAsync(ClientConnector connector, CancellationToken interrupted)
    {
        _early = [];
        using var connection = await connector.ConnectAsync(interrupted);
        var opened = time.GetTimestamp();
        if (options.IsVerbose)
            TellOpened(connection);

        // Ctrl+C begins to close; the messages that are still on their way are printed, up to the server's close frame.
        using var closing = interrupted.Register(() => _ = connection.BeginCloseAsync(WebSocketCloseStatus.NormalClosure).AsTask());
        try
        {
            while (!IsDone && await connection.ReadMessageAsync(options.MaxMessageSize))
            {
                printer.Print(connection.Type, connection.Payload.Span);
                _printedCount++;
            }

            if (!IsDone)
                return interrupted.IsCancellationRequested ? null : ComplaintAbout(connection);

            await connection.CloseAsync();
            return null;
        }
        catch (ClientFailureException) when (IsDone || interrupted.IsCancellationRequested)
        {
            // The server did not close as it should, but all that was wanted has been printed.
            return null;
        }
        catch (Exception error) when (error is BrokenPipeException or IOException)
        {
            await connection.BeginCloseAsync(WebSocketCloseStatus.NormalClosure);
            throw;
        }
        finally
        {
            if (time.GetElapsedTime(opened) > Backoff.Longest)
                _backoff.Reset();
        }
    }

    private string? ComplaintAbout(ClientConnection connection)
    {
        if (connection.IsWellClosed && options.Count is null)
            return null;

        var missing = options.Count is { } count ? $", after {_printedCount} of {count} messages" : "";
        return $"The server closed the connection with {connection.CloseDescription}{missing}";
    }

    private void TellOpened(ClientConnection connection)
    {
        lock (_telling)
        {
            remarks.WriteLine($"connected to {options.Client.Url}{(connection.Subprotocol is { } name ? $", subprotocol {PrintableText.Of(name)}" : "")}");
            _early?.ForEach(frame => remarks.WriteLine(DescriptionOf(frame)));
            _early = null;
        }
    }

    // On the thread that reads.
    private void Tell(SeenControlFrame frame)
    {
        lock (_telling)
        {
            if (_early is null)
                remarks.WriteLine(DescriptionOf(frame));
            else
                _early.Add(frame);
        }
    }

    private static string DescriptionOf(SeenControlFrame frame) => frame switch
    {
        { Opcode: SeenControlFrame.Close, Payload: [] } => "close, no code",
        { Opcode: SeenControlFrame.Close, Payload: [var high, var low, .. var reason] } => $"close, {CloseText.Of((high << 8) | low, Encoding.UTF8.GetString(reason))}",
        { Opcode: SeenControlFrame.Ping } => $"ping{PayloadOf(frame)}",
        { Opcode: SeenControlFrame.Pong } => $"pong{PayloadOf(frame)}",
        _ => $"control frame {frame.Opcode:X}{PayloadOf(frame)}",
    };

    private static string PayloadOf(SeenControlFrame frame) => frame.Payload is [] ? "" : $", {frame.Payload.Length} bytes: {Convert.ToHexStringLower(frame.Payload)}";
}
