using System.Buffers;
using System.Text;

namespace RawWs.Conformance;

/// <content>RFC 6455 §4: the opening handshake.</content>
internal sealed partial class RawPeer
{
    private const int MaxHeadLength = 64 * 1024;

    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();

    /// <summary>Set when permessage-deflate has been negotiated.</summary>
    public DeflateSession? Deflate { get; private set; }

    /// <summary>Performs the opening handshake, and fails the case unless the server's side of it is faultless.</summary>
    public async Task<HttpResponse> OpenAsync(UpgradeRequest request)
    {
        var response = await ExchangeAsync(request)
            ?? throw VerdictException.Failed("no answer to a valid opening handshake");
        Establish(request, response);
        return response;
    }

    /// <summary>Sends a request and reads the head of the answer.</summary>
    /// <returns><see langword="null"/> if the server closed TCP, or said nothing in time, instead of answering.</returns>
    public async Task<HttpResponse?> ExchangeAsync(UpgradeRequest request)
    {
        var bytes = request.ToBytes();
        _log.Add(_number, "→", "request", WireLog.Text(bytes));
        await WriteChoppedAsync(bytes);
        return await ReadResponseAsync();
    }

    public async Task<HttpResponse?> ReadResponseAsync(TimeSpan? timeout = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_context.CancellationToken);
        deadline.CancelAfter(timeout ?? Options.Timeout);
        var input = _received.Reader;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(deadline.Token);
                if (TryTakeHead(result.Buffer, out var head, out var end))
                {
                    input.AdvanceTo(end);
                    _log.Add(_number, "←", head.Split("\r\n")[0], head);
                    return HttpResponse.Parse(head);
                }

                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (result.IsCompleted && !result.Buffer.IsEmpty)
                    throw VerdictException.Failed($"TCP ended in the head of the answer: “{Encoding.Latin1.GetString(result.Buffer.FirstSpan)}”");
                if (result.IsCompleted)
                    return null;
                if (result.Buffer.Length > MaxHeadLength)
                    throw VerdictException.Failed("the head of the answer does not end");
            }
        }
        catch (OperationCanceledException) when (!_context.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Waits for the end of TCP and passes over what comes before it, such as the body of an error page.</summary>
    /// <returns>What was passed over, or <see langword="null"/> if TCP did not end in time.</returns>
    public async Task<byte[]?> ReadToEndAsync(TimeSpan timeout)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_context.CancellationToken);
        deadline.CancelAfter(timeout);
        var input = _received.Reader;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(deadline.Token);
                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (!result.IsCompleted)
                    continue;
                var rest = result.Buffer.ToArray();
                if (rest.Length > 0)
                    _log.Add(_number, "←", "body", WireLog.Text(rest));
                return rest;
            }
        }
        catch (OperationCanceledException) when (!_context.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Holds a 101 answer to the checks that RFC 6455 §4.1 makes a client do, and takes over what was negotiated.</summary>
    public void Establish(UpgradeRequest request, HttpResponse response)
    {
        if (response.Status != 101)
            throw VerdictException.Failed($"a valid opening handshake was answered by {response.Status}");

        UpgradeResponseRules.Check(request, response);
        Deflate = DeflateSession.FromResponse(response.Single("Sec-WebSocket-Extensions"));
        (IsOpen, Closing) = (true, ClosingBehaviour.NotReached);
    }

    private static bool TryTakeHead(ReadOnlySequence<byte> buffer, out string head, out SequencePosition end)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out ReadOnlySequence<byte> bytes, EndOfHead);
        head = found ? Encoding.Latin1.GetString(bytes.ToArray()) : "";
        end = reader.Position;
        return found;
    }
}
