using System.Diagnostics;
using System.IO.Pipelines;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Client;

/// <summary>
/// One connection to Redis, from its opening to its end. Commands of many callers are written one after the other without waiting; answers come in the same order. What waits is
/// bounded by what may be unanswered.
/// </summary>
/// <remarks>Thread-safe. All answers and messages are handed on by the thread that reads, one after the other.</remarks>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<PendingReply> _pending = new();
    private readonly RedisOptions _options;
    private readonly Stream _stream;
    private readonly Func<RespValue, bool> _takeUnasked;

    // Never disposed, for anybody may abort at any time; without a timer it holds nothing.
    private readonly CancellationTokenSource _ending = new();

    // Without a threshold: what is unanswered is bounded, and therefore what is unsent.
    private readonly Pipe _output = new(new PipeOptions(pauseWriterThreshold: 0));

    private readonly Task _reading;
    private readonly Task _writing;
    private readonly ITimer _watch;
    private long _pendingSize;
    private Exception? _farewell;
    private Exception? _failure;

    /// <param name="options">The client's.</param>
    /// <param name="stream">The way to Redis; it is closed at the end.</param>
    /// <param name="takeUnasked">Takes what is no answer; returns whether it was such.</param>
    /// <param name="mayAnswerLate">Whether answers may be late while messages come: they may be behind many of them.</param>
    public RedisConnection(RedisOptions options, Stream stream, Func<RespValue, bool> takeUnasked, bool mayAnswerLate)
    {
        (_options, _stream, _takeUnasked, _mayAnswerLate) = (options, stream, takeUnasked, mayAnswerLate);
        _receivedAt = options.TimeProvider.GetTimestamp();
        var period = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, Math.Min(options.CommandTimeout.Ticks, options.KeepAliveInterval.Ticks) / 8));
        var patience = mayAnswerLate && LongestDelayByMessages > options.CommandTimeout ? LongestDelayByMessages : options.CommandTimeout;
        _maxLateLooks = (int)Math.Max(2, patience / period);
        _reading = Task.Run(ReadAsync);
        _writing = Task.Run(WriteAsync);
        _watch = options.TimeProvider.CreateTimer(static connection => ((RedisConnection)connection!).Watch(), this, period, period);
        Ended = EndAsync();
    }

    /// <summary>Completes when nothing is received any more, and all who waited know. Never fails.</summary>
    public Task Ended { get; }

    /// <summary>Why it ended; null while it has not.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Whether it ended by itself, with all that had been asked answered.</summary>
    public bool HasRetired => Failure is { } failure && failure == _farewell;

    /// <summary>Sends commands, with nothing of anybody else's between.</summary>
    /// <param name="commands">Each with its answer.</param>
    /// <param name="isBounded">Whether they are refused when too much is unanswered.</param>
    /// <exception cref="RedisUnavailableException">It has ended, or too much is unanswered; none is sent.</exception>
    public void Send(ReadOnlySpan<(RedisCommand Command, PendingReply Reply)> commands, bool isBounded = true)
    {
        lock (_gate)
        {
            if (_failure is not null)
                throw Unsent($"The connection to Redis at {_options.Target} has ended: {_failure.Message}", _failure);

            var size = 0L;
            foreach (var (command, _) in commands)
                size += RespWriter.MaxLengthOf(command);

            if (isBounded && _pending.Count + commands.Length > _options.MaxPendingCount)
                throw Unsent($"{_pending.Count} commands are unanswered by Redis at {_options.Target}, and there may be {_options.MaxPendingCount} ({nameof(RedisOptions.MaxPendingCount)}).");

            if (isBounded && _pendingSize + size > _options.MaxPendingSize)
                throw Unsent($"{_pendingSize} bytes are unanswered by Redis at {_options.Target}; with {size} more there were over {_options.MaxPendingSize} ({nameof(RedisOptions.MaxPendingSize)}).");

            var now = _options.TimeProvider.GetTimestamp();
            foreach (var (command, reply) in commands)
            {
                (reply.Size, reply.SentAt) = (RespWriter.MaxLengthOf(command), now);
                _pendingSize += reply.Size;
                _pending.Enqueue(reply);
                RespWriter.Write(_output.Writer, command);
            }

            var flushed = _output.Writer.FlushAsync(CancellationToken.None);
            if (!flushed.IsCompletedSuccessfully)
                throw new UnreachableException("A pipe without a threshold makes nobody wait.");
        }
    }

    /// <summary>Sends a command whose answer is awaited.</summary>
    /// <exception cref="RedisUnavailableException">It can't be sent, or the connection was lost before the answer.</exception>
    public async Task<RespValue> SendAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        var reply = new AwaitedReply();
        Send([(command, reply)]);
        return await reply.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the connection.</summary>
    public void Abort(Exception failure)
    {
        lock (_gate)
        {
            if (_failure is not null)
                return;

            _failure = failure;
        }

        // Whoever reads or writes ends by it.
        _ending.Cancel();
    }

    /// <summary>Ends the connection as soon as nothing is unanswered; until then it goes on as before.</summary>
    public void Retire(Exception farewell)
    {
        lock (_gate)
        {
            _farewell = farewell;
            if (!IsOver_NeedsLock())
                return;
        }

        _ending.Cancel();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Abort(new ObjectDisposedException(nameof(RedisConnection)));
        await Ended.ConfigureAwait(false);
    }

    private static RedisUnavailableException Unsent(string message, Exception? failure = null) => new(message, failure) { IsUnsent = true };

    /// <returns>Whether it is to end with what has been answered, and does so now: nothing can be sent any more.</returns>
    private bool IsOver_NeedsLock()
    {
        if (_farewell is null || _failure is not null || _pending.Count > 0)
            return false;

        _failure = _farewell;
        return true;
    }

    private async Task EndAsync()
    {
        await Task.WhenAny(_reading, _writing).ConfigureAwait(false);
        _ending.Cancel();
        await Task.WhenAll(_reading, _writing).ConfigureAwait(false);
        await _watch.DisposeAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);

        PendingReply[] unanswered;
        lock (_gate)
        {
            unanswered = [.. _pending];
            _pending.Clear();
        }

        foreach (var reply in unanswered)
            reply.Fail(new RedisUnavailableException($"The connection to Redis at {_options.Target} was lost before the answer: {_failure!.Message}", _failure)); // Both loops end by a failure.
    }

    private async Task WriteAsync()
    {
        var output = _output.Reader;
        try
        {
            while (true)
            {
                var result = await output.ReadAsync(_ending.Token).ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                    await _stream.WriteAsync(segment, _ending.Token).ConfigureAwait(false);

                output.AdvanceTo(result.Buffer.End);
            }
        }
        catch (Exception error)
        {
            // The top of a loop: whatever it was, the connection ends by it, which is logged with the reason.
            Abort(error);
        }
        finally
        {
            await output.CompleteAsync().ConfigureAwait(false);
        }
    }
}
