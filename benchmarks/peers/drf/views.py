"""A view that scores and saves valid applications. An array is one transaction, with one INSERT a row."""

import os

import joblib
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from benchmarks.peers import pipeline
from benchmarks.peers.drf.models import Application

_pipeline = joblib.load(os.environ[pipeline.MODEL_VARIABLE])


class ApplicationListSerializer(serializers.ListSerializer):
    def create(self, validated_data: list[dict[str, object]]) -> list[Application]:
        answers = pipeline.probabilities(_pipeline, validated_data)
        return [
            Application.objects.create(**row, approval_probability=answer)
            for row, answer in zip(validated_data, answers, strict=True)
        ]


class ApplicationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Application
        fields = "__all__"
        read_only_fields = ["approval_probability", "created_at"]
        list_serializer_class = ApplicationListSerializer

    def create(self, validated_data: dict[str, object]) -> Application:
        (answer,) = pipeline.probabilities(_pipeline, [validated_data])
        return Application.objects.create(**validated_data, approval_probability=answer)


class PredictView(APIView):
    def post(self, request: Request) -> Response:
        serializer = ApplicationSerializer(data=request.data, many=isinstance(request.data, list))
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=status.HTTP_201_CREATED)
