using RawWs.Redis.Client;
using RawWs.Redis.Resp;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// Publishes to the sharded channels of a cluster, to each in the order in which it is told to. What is under way to one master is not overtaken at another one, where its slot has gone meanwhile: if that was refused, it is said
/// again there, and what was to follow waits for that.
/// </summary>
/// <remarks>Thread-safe. A channel is known while something said to it is unanswered.</remarks>
/// <param name="redis">The client.</param>
internal sealed class ShardPublisher(IOrderedRedisClient redis)
{
    // As in the client: what is sent on more often than this is sent in a circle.
    private const int MaxRefusedCount = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private int _waitingCount;
    private long _waitingSize;

    /// <summary>How many channels are known.</summary>
    public int ChannelCount
    {
        get
        {
            lock (_gate)
            {
                return _lanes.Count;
            }
        }
    }

    /// <summary>How much waits until it is known where its channel is.</summary>
    public int WaitingCount
    {
        get
        {
            lock (_gate)
            {
                return _waitingCount;
            }
        }
    }

    /// <summary>Publishes, and completes when Redis has confirmed it.</summary>
    /// <exception cref="RedisUnavailableException">There is no connection, it was lost before the answer, or too much waits.</exception>
    /// <exception cref="RedisErrorException">Redis refuses.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public Task PublishAsync(RedisChannel channel, ReadOnlyMemory<byte> body)
    {
        var said = new Said(new RedisCommand(channel.PublishCommand, channel.Name, body));
        lock (_gate)
        {
            if (!_lanes.TryGetValue(channel.Name, out var lane))
                lane = new Lane(channel.Name, redis.BeginPipeline(channel.Name));

            if (lane.Refused.Count == 0)
                Send_NeedsLock(lane, said);
            else
                Wait_NeedsLock(lane, said);

            _lanes[channel.Name] = lane;
        }

        return said.Done.Task;
    }

    private void Send_NeedsLock(Lane lane, Said said)
    {
        said.Answer = lane.Pipeline.ExecuteAsync(said.Command);
        lane.Unanswered.Enqueue(said);
        _ = ConcludeAsync(lane, said.Answer);
    }

    private void Wait_NeedsLock(Lane lane, Said said)
    {
        if (_waitingCount >= redis.Options.MaxPendingCount || _waitingSize + said.Size > redis.Options.MaxPendingSize)
            throw new RedisUnavailableException($"Too much waits until it is known where the channel {lane.Channel} is.");

        Enqueue_NeedsLock(lane.Behind, said);
    }

    private async Task ConcludeAsync(Lane lane, Task answer)
    {
        // Never under the lock of whoever sent it. Several may come here in any order, and are taken in that of the queue.
        await answer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            var isAny = false;
            while (lane.Unanswered.TryPeek(out var first) && first.Answer.IsCompleted)
            {
                isAny = true;
                Conclude_NeedsLock(lane, lane.Unanswered.Dequeue());
            }

            if (isAny && lane.Unanswered.Count == 0)
                SayAgain_NeedsLock(lane);
        }
    }

    private void Conclude_NeedsLock(Lane lane, Said said)
    {
        if (said.Answer.IsCompletedSuccessfully)
        {
            // The slot has come back meanwhile: what was refused before would come too late now.
            Drop_NeedsLock(lane.Refused, new RedisUnavailableException("What was said behind it has overtaken it."));
            said.Done.SetResult();
            return;
        }

        // Nobody cancels it.
        var error = said.Answer.Exception?.GetBaseException() ?? new RedisUnavailableException("It was not answered.");
        if (error is RedisErrorException { Code: "TRYAGAIN" } && ++said.RefusedCount <= MaxRefusedCount)
            Enqueue_NeedsLock(lane.Refused, said);
        else
            said.Done.SetException(error);
    }

    // Nothing is under way any more: where the channel is by now it goes on.
    private void SayAgain_NeedsLock(Lane lane)
    {
        try
        {
            if (lane.Refused.Count + lane.Behind.Count > 0)
                lane.Pipeline = redis.BeginPipeline(lane.Channel);

            SendAll_NeedsLock(lane, lane.Refused);
            SendAll_NeedsLock(lane, lane.Behind);
        }
        catch (Exception error) when (error is RedisUnavailableException or ObjectDisposedException)
        {
            Drop_NeedsLock(lane.Refused, error);
            Drop_NeedsLock(lane.Behind, error);
        }

        if (lane.Unanswered.Count == 0)
            _lanes.Remove(lane.Channel);
    }

    private void SendAll_NeedsLock(Lane lane, Queue<Said> waiting)
    {
        while (waiting.TryPeek(out var next))
        {
            Send_NeedsLock(lane, next);
            Dequeue_NeedsLock(waiting);
        }
    }

    private void Drop_NeedsLock(Queue<Said> waiting, Exception error)
    {
        while (waiting.Count > 0)
            Dequeue_NeedsLock(waiting).Done.SetException(error);
    }

    private void Enqueue_NeedsLock(Queue<Said> waiting, Said said)
    {
        waiting.Enqueue(said);
        _waitingCount++;
        _waitingSize += said.Size;
    }

    private Said Dequeue_NeedsLock(Queue<Said> waiting)
    {
        var said = waiting.Dequeue();
        _waitingCount--;
        _waitingSize -= said.Size;
        return said;
    }

    /// <summary>What is under way to one channel, and where to.</summary>
    private sealed class Lane(string channel, IRedisPipeline pipeline)
    {
        public string Channel => channel;

        /// <summary>Replaced when nothing is unanswered there.</summary>
        public IRedisPipeline Pipeline { get; set; } = pipeline;

        public Queue<Said> Unanswered { get; } = new();

        /// <summary>What has to be said again where the channel is now.</summary>
        public Queue<Said> Refused { get; } = new();

        /// <summary>What came since the first of it was refused, and follows it.</summary>
        public Queue<Said> Behind { get; } = new();
    }

    private sealed class Said(RedisCommand command)
    {
        public RedisCommand Command => command;

        public long Size { get; } = RespWriter.MaxLengthOf(command);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Answer { get; set; } = Task.CompletedTask;

        public int RefusedCount { get; set; }
    }
}
