// The official OpenAI SDK for Go against a running moerge. stage.py starts it; see there.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// What the scripted expert says, see ../agent_expert.py.
const text = "Canberra is the capital of Australia."
const toolSays = "21 degrees in Canberra"

var background = context.Background()

func client(key string) openai.Client {
	return openai.NewClient(option.WithBaseURL(os.Getenv("MOERGE_CLIENTS_URL")+"/v1"),
		option.WithAPIKey(key), option.WithMaxRetries(0))
}

var moerge = client(os.Getenv("MOERGE_TEST_KEY"))

func params(turns ...openai.ChatCompletionMessageParamUnion) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: "auto", Messages: turns}
}

func withTool(turns ...openai.ChatCompletionMessageParamUnion) openai.ChatCompletionNewParams {
	asked := params(turns...)
	asked.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name:        "weather",
			Description: openai.String("The weather in a city."),
			Parameters: openai.FunctionParameters{"type": "object",
				"properties": map[string]any{"city": map[string]string{"type": "string"}}},
		})}
	return asked
}

func same(what string, got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return fmt.Errorf("%s: %v, not %v", what, got, want)
}

func whole() error {
	reply, err := moerge.Chat.Completions.New(background,
		params(openai.SystemMessage("Be brief."), openai.UserMessage("The capital?")))
	if err != nil {
		return err
	}
	return errors.Join(same("text", reply.Choices[0].Message.Content, text),
		same("finish", reply.Choices[0].FinishReason, "stop"),
		same("tokens", reply.Usage.TotalTokens, int64(27)))
}

// Puts a stream together.
func streamed(asked openai.ChatCompletionNewParams) (*openai.ChatCompletionAccumulator, int, error) {
	asked.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	stream := moerge.Chat.Completions.NewStreaming(background, asked)
	sum := openai.ChatCompletionAccumulator{}
	pieces := 0
	for stream.Next() {
		if !sum.AddChunk(stream.Current()) {
			return nil, 0, fmt.Errorf("the SDK cannot add %s", stream.Current().RawJSON())
		}
		pieces++
	}
	return &sum, pieces, stream.Err()
}

func stream() error {
	sum, pieces, err := streamed(params(openai.UserMessage("The capital?")))
	if err != nil {
		return err
	}
	return errors.Join(same("text", sum.Choices[0].Message.Content, text),
		same("in pieces", pieces > 2, true), same("tokens", sum.Usage.TotalTokens, int64(27)))
}

func toolsOf(ask func(openai.ChatCompletionNewParams) (openai.ChatCompletionMessage, error)) error {
	question := openai.UserMessage("The weather in Canberra?")
	called, err := ask(withTool(question))
	if err != nil {
		return err
	}
	if len(called.ToolCalls) != 1 {
		return fmt.Errorf("%d calls", len(called.ToolCalls))
	}
	call := called.ToolCalls[0]
	var arguments map[string]string
	if err := json.Unmarshal([]byte(call.Function.Arguments), &arguments); err != nil {
		return err
	}
	answer, err := ask(withTool(question, called.ToParam(), openai.ToolMessage(toolSays, call.ID)))
	if err != nil {
		return err
	}
	return errors.Join(same("name", call.Function.Name, "weather"),
		same("arguments", arguments, map[string]string{"city": "Canberra"}),
		same("answer", answer.Content, "The tool said: "+toolSays))
}

func tools() error {
	return toolsOf(func(asked openai.ChatCompletionNewParams) (openai.ChatCompletionMessage, error) {
		reply, err := moerge.Chat.Completions.New(background, asked)
		if err != nil {
			return openai.ChatCompletionMessage{}, err
		}
		return reply.Choices[0].Message, nil
	})
}

func toolsStreamed() error {
	return toolsOf(func(asked openai.ChatCompletionNewParams) (openai.ChatCompletionMessage, error) {
		sum, _, err := streamed(asked)
		if err != nil {
			return openai.ChatCompletionMessage{}, err
		}
		return sum.Choices[0].Message, nil
	})
}

func embeddings() error {
	reply, err := moerge.Embeddings.New(background, openai.EmbeddingNewParams{Model: "agent",
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"a", "b"}}})
	if err != nil {
		return err
	}
	return errors.Join(same("texts", len(reply.Data), 2),
		same("vector", reply.Data[1].Embedding, []float64{0.25, -0.5, 1}))
}

func models() error {
	list, err := moerge.Models.List(background)
	if err != nil {
		return err
	}
	for _, model := range list.Data {
		if model.ID == "agent" {
			return nil
		}
	}
	return errors.New("`agent` is not listed")
}

func aWrongKeyIsTyped() error {
	wrong := client("wrong")
	_, err := wrong.Chat.Completions.New(background, params(openai.UserMessage("Hi")))
	var refused *openai.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("not the SDK's error: %v", err)
	}
	return same("status", refused.StatusCode, 401)
}

func main() {
	tests := []struct {
		name string
		run  func() error
	}{{"whole", whole}, {"stream", stream}, {"a tool and its answer", tools},
		{"a tool in a stream", toolsStreamed}, {"embeddings", embeddings}, {"models", models},
		{"a wrong key is typed", aWrongKeyIsTyped}}
	failed := 0
	for _, test := range tests {
		if err := test.run(); err != nil {
			failed++
			fmt.Printf("FAILED  %s\n%v\n", test.name, err)
		} else {
			fmt.Printf("ok      %s\n", test.name)
		}
	}
	fmt.Printf("%d passed, %d failed\n", len(tests)-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}
