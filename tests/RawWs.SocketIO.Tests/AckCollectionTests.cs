namespace RawWs.SocketIO.Tests;

/// <summary>When the answers to a question to many are all there.</summary>
public sealed class AckCollectionTests
{
    private readonly AckCollection _acks = new();

    [Fact]
    public void They_are_when_each_server_has_said_how_many_it_asked_and_all_of_those_have_answered_or_gone()
    {
        _acks.Expect(2);
        _acks.Asked(2);
        _acks.Answered(null);
        _acks.Answered(null);
        Assert.False(_acks.Done.IsCompleted);
        _acks.Asked(1);
        Assert.False(_acks.Done.IsCompleted);
        _acks.Left();

        Assert.True(_acks.Done.IsCompleted);
        AssertResult(answers: 2, asked: 3, isComplete: false);
    }

    [Fact]
    public void The_number_of_servers_may_be_known_last()
    {
        _acks.Asked(1);
        _acks.Answered(null);
        Assert.False(_acks.Done.IsCompleted);
        _acks.Expect(1);

        Assert.True(_acks.Done.IsCompleted);
        AssertResult(answers: 1, asked: 1, isComplete: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_no_other_server_can_be_asked_those_of_this_one_are_all_and_not_complete(bool isToldLast)
    {
        _acks.Asked(1);
        if (!isToldLast)
            _acks.AskNobodyElse();
        Assert.False(_acks.Done.IsCompleted);
        _acks.Answered(null);
        if (isToldLast)
            _acks.AskNobodyElse();

        Assert.True(_acks.Done.IsCompleted);
        AssertResult(answers: 1, asked: 1, isComplete: false);
    }

    [Fact]
    public void A_server_that_was_expected_and_can_not_be_asked_is_missed()
    {
        _acks.Expect(1);
        _acks.AskNobodyElse();
        _acks.Asked(0);

        Assert.True(_acks.Done.IsCompleted);
        AssertResult(answers: 0, asked: 0, isComplete: false);
    }

    private void AssertResult(int answers, int asked, bool isComplete)
    {
        var result = _acks.ToResult<string>();
        Assert.Equal((answers, asked, isComplete), (result.Values.Count, result.AskedCount, result.IsComplete));
    }
}
