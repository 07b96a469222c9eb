using System.Text.Json;

namespace RawWs.Redis.SocketIO;

/// <summary>A request for what there is on other servers: each answers once, with a list.</summary>
/// <remarks>
/// Whom an answer is of it does not say. So it counts for those who were there when they were asked, and for nobody else. An item that makes no sense, which a client may be the cause of, is left out: all others are
/// to be found.
/// </remarks>
/// <param name="member">Where the list is in an answer.</param>
/// <param name="readItem">Reads an item of it; null if that makes no sense.</param>
/// <param name="leftOut">An item was left out.</param>
/// <param name="serverCount">How many are asked.</param>
internal sealed class PendingList<T>(string member, Func<AdapterBody, JsonElement, T?> readItem, Action leftOut, int serverCount) : PendingRequest
    where T : class
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<T> _items = [];
    private int _answerCount;
    private bool _isOwnHeard;

    /// <summary>Completes when all have answered, and this server is known to hear them.</summary>
    public Task Complete => _complete.Task;

    /// <summary>How many have answered until now, and what.</summary>
    public (int AnswerCount, IReadOnlyList<T> Items) Answers
    {
        get
        {
            lock (_gate)
            {
                return (_answerCount, [.. _items]);
            }
        }
    }

    /// <inheritdoc/>
    public override void Receive(AdapterBody body, JsonElement answer)
    {
        var list = AdapterBody.Member(answer, System.Text.Encoding.UTF8.GetBytes(member));
        if (list.ValueKind != JsonValueKind.Array)
            throw new JsonException("An answer has a list.");

        var items = ReadItems(body, list);
        lock (_gate)
        {
            _items.AddRange(items);
            _answerCount++;
            CompleteIfAll_NeedsLock();
        }
    }

    /// <inheritdoc/>
    public override void ReceiveOwn()
    {
        lock (_gate)
        {
            _isOwnHeard = true;
            CompleteIfAll_NeedsLock();
        }
    }

    private List<T> ReadItems(AdapterBody body, JsonElement list)
    {
        var items = new List<T>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (readItem(body, item) is { } read)
                items.Add(read);
            else
                leftOut();
        }

        return items;
    }

    private void CompleteIfAll_NeedsLock()
    {
        if (_isOwnHeard && _answerCount >= serverCount)
            _complete.TrySetResult();
    }
}
