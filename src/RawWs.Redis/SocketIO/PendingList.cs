using System.Text.Json;

namespace RawWs.Redis.SocketIO;

/// <summary>A request for what there is on other servers: each answers once, with a list.</summary>
/// <param name="member">Where the list is in an answer.</param>
/// <param name="readItem">Reads an item of it.</param>
/// <param name="serverCount">How many are asked.</param>
internal sealed class PendingList<T>(string member, Func<AdapterBody, JsonElement, T> readItem, int serverCount) : PendingRequest
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<T> _items = [];
    private int _serverCount = serverCount;
    private int _answerCount;

    /// <summary>Completes when all have answered.</summary>
    public Task Complete => _complete.Task;

    /// <summary>What has come until now.</summary>
    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate)
            {
                return [.. _items];
            }
        }
    }

    /// <inheritdoc/>
    public override void Receive(AdapterBody body, JsonElement answer)
    {
        var list = AdapterBody.Member(answer, System.Text.Encoding.UTF8.GetBytes(member));
        if (list.ValueKind != JsonValueKind.Array)
            throw new JsonException("An answer has a list.");

        T[] items = [.. list.EnumerateArray().Select(item => readItem(body, item))];
        lock (_gate)
        {
            _items.AddRange(items);
            _answerCount++;
            CompleteIfAll_NeedsLock();
        }
    }

    /// <summary>Waits for no more than those that are there still: what was on others is gone with them.</summary>
    public void ExpectAtMost(int serverCount)
    {
        lock (_gate)
        {
            _serverCount = Math.Min(_serverCount, serverCount);
            CompleteIfAll_NeedsLock();
        }
    }

    private void CompleteIfAll_NeedsLock()
    {
        if (_answerCount >= _serverCount)
            _complete.TrySetResult();
    }
}
